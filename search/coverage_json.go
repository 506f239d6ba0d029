package search

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// A coverage that goes from one process to another, or into a log, is short: a sight is a list without names of fields, since there are a hundred of them in each of
// thousands of results.

// MarshalJSON writes a situation as ["situation", node, phase, message, runs, seed, after], and any other sight as [kind, name, runs, seed, after].
func (s Sight) MarshalJSON() ([]byte, error) {
	list := []any{s.Kind.String()}
	if s.Kind == SawSituation {
		list = append(list, s.Situation.Node, s.Situation.Phase, s.Situation.Message)
	} else {
		list = append(list, s.Name)
	}
	return json.Marshal(append(list, s.Runs, s.Seed, s.After))
}

// UnmarshalJSON reads what MarshalJSON has written.
func (s *Sight) UnmarshalJSON(text []byte) error {
	var list []json.RawMessage
	if err := json.Unmarshal(text, &list); err != nil {
		return err
	}
	var kind string
	if len(list) == 0 {
		return errors.New("search: a sight of nothing")
	}
	if err := json.Unmarshal(list[0], &kind); err != nil {
		return err
	}
	at := slices.Index(sightNames[:], kind)
	if at < 0 {
		return fmt.Errorf("search: %q is no kind of sight", kind)
	}
	*s = Sight{Kind: SightKind(at)}
	fields := []any{&kind, &s.Name, &s.Runs, &s.Seed, &s.After}
	if s.Kind == SawSituation {
		x := &s.Situation
		fields = []any{&kind, &x.Node, &x.Phase, &x.Message, &s.Runs, &s.Seed, &s.After}
	}
	if len(list) != len(fields) {
		return fmt.Errorf("search: a sight of kind %s has %d parts, not %d", kind, len(fields), len(list))
	}
	for i, f := range fields {
		if err := json.Unmarshal(list[i], f); err != nil {
			return err
		}
	}
	if s.Kind == SawSituation {
		s.Name = s.Situation.String()
	}
	return nil
}
