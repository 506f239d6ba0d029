package search

// How a hunt is spread over the cores:
//
//	deal ──batches of seeds──▶ workers ──batches of runs, in any order──▶ drive ──in order──▶ fold
//	  ▲                                                                     │
//	  └──────────────────────── room for one batch more ────────────────────┘
//
// Workers are stopped between two runs and never in the midst of one, so
// that whatever reaches the fold is a whole run.

import (
	"context"
	"sync"
	"time"

	"simrun/sim"
)

// Seeds are handed out in batches, so that handing out costs little beside
// the shortest runs; workers may be ahead of the fold by a number of batches,
// so that one slow run neither holds the others up nor fills the memory.
const (
	batchSize = 8
	ahead     = 16 // batches for each worker
)

// A batch is what a worker made of consecutive seeds.
type batch struct {
	index    uint64 // batches are numbered in the order of their seeds
	from, to uint64
	made     []made // of from, from+1, ...; fewer than to-from if the worker was stopped
}

// drive makes the runs and folds them in order, until there are no more, the fold has enough, or ctx is done.
func (h *Hunt) drive(ctx context.Context, f *fold) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	if h.For > 0 {
		defer time.AfterFunc(h.For, stop).Stop()
	}
	room := make(chan struct{}, h.Workers*ahead)
	results := h.crew(ctx, h.deal(ctx, room))
	tick := time.NewTicker(progressEvery)
	defer tick.Stop()

	// What has arrived before its turn, by index.
	waiting := make(map[uint64]batch)
	for next := uint64(0); ; {
		select {
		case <-tick.C:
			f.report(false)
		case b, ok := <-results:
			if !ok {
				return
			}
			waiting[b.index] = b
		}
		for b, ok := waiting[next]; ok; b, ok = waiting[next] {
			f.addAll(&b)
			delete(waiting, next)
			next++
			<-room
		}
		if f.done {
			stop() // and go on until the workers have ended: none may outlive the hunt
		}
	}
}

// deal hands out the seeds in order, as far as there is room. The batches end when the seeds or ctx do.
func (h *Hunt) deal(ctx context.Context, room chan<- struct{}) <-chan batch {
	jobs := make(chan batch)
	go func() {
		defer close(jobs)
		for b := (batch{from: h.From}); b.from < h.To; b.index, b.from = b.index+1, b.to {
			b.to = b.from + min(batchSize, h.To-b.from)
			select {
			case room <- struct{}{}:
			case <-ctx.Done():
				return
			}
			select {
			case jobs <- b:
			case <-ctx.Done():
				return
			}
		}
	}()
	return jobs
}

// A hand is what a worker keeps from run to run.
type hand struct {
	memory     sim.Memory
	situations sim.Situations
}

// crew starts the workers. The results end when all workers have.
func (h *Hunt) crew(ctx context.Context, jobs <-chan batch) <-chan batch {
	results := make(chan batch)
	var crew sync.WaitGroup
	for range h.Workers {
		crew.Go(func() {
			var own hand
			for b := range jobs {
				for seed := b.from; seed < b.to && ctx.Err() == nil; seed++ {
					b.made = append(b.made, h.one(ctx, seed, &own))
				}
				results <- b
			}
		})
	}
	go func() {
		crew.Wait()
		close(results)
	}()
	return results
}

// endless is a range of seeds of which no hunt will see the end.
const endless = 1 << 48

// total is how many runs the hunt is about, 0 if time alone limits it.
func (h *Hunt) total() uint64 {
	if n := h.To - h.From; n < endless {
		return n
	}
	return 0
}
