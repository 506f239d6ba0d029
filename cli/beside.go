package cli

import (
	"simrun/search"
	"simrun/sim"
	"simrun/view"
)

// page is what a page shows of a picture besides the run.
func (p *picture) page() view.Page {
	page := p.beside
	page.Replay, page.Event = p.replay, p.event
	return page
}

// mostBeside is how many events a run may have of which a page shows a twin: both are held in a browser, and each run that is made to find it takes as long.
const mostBeside = 20_000

// beside finds out what the page of a failing run shows of others. Of a run that is not the same when it is spelt out, and of one that nobody waits for any more, it shows none.
func (c *command) beside(s *sim.Scenario, cfg sim.Config, v sim.Verdict) (page view.Page, err error) {
	if v.Outcome != sim.Violated && v.Outcome != sim.Stalled || v.Events > mostBeside {
		return page, nil
	}
	k, _, err := search.Explicit(s, cfg)
	if err != nil {
		return page, nil
	}
	e, err := c.explain(k, "", 0)
	if err != nil || e == nil {
		return page, err
	}
	for _, w := range e.Without {
		page.Without = append(page.Without, view.Without{What: w.Changed(), Says: w.Says, Needs: w.Needed})
	}
	if t := e.Twin; t != nil && t.Verdict.Events <= 2*mostBeside {
		page.Differs = t.Differs
		if !t.Passes || t.Verdict.Outcome != sim.OK {
			page.Differs += " (" + t.Says + ")"
		}
		if page.Twin, err = view.Record(c.ctx, t.Case.Scenario, t.Case.Ready(), view.Window{}); err != nil {
			return page, c.notRecorded(err)
		}
	}
	return page, nil
}

// notRecorded is how a command ends that could not record a run.
func (c *command) notRecorded(err error) error {
	if c.ctx.Err() != nil {
		return interrupted()
	}
	return usage("%v", err)
}
