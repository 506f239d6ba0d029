package twopc

import "simrun/sim"

// do does one operation of a transaction before there is a vote. Operations come one after the other: one that
// leaves a gap follows work that was forgotten in a crash.
func (p *Participant) do(env sim.Env, from sim.NodeID, m Do) {
	b := p.branch(m.Tx)
	done := uint32(len(b.ops))
	switch {
	case b.state == Aborted:
		env.Send(from, Done{Tx: m.Tx, Seq: m.Seq, Life: p.journal.life, Refused: true})
	case b.state >= Prepared, b.asked, m.Seq < done:
		// A late copy.
	case m.Seq == done:
		if b.waiting == "" {
			env.Send(from, b.last)
		}
	default:
		if b.state == Unknown {
			b.state, b.client, b.age = Active, from, m.Age
			env.After(idlePatience, idle{b.tx, m.Seq})
		}
		b.last = Done{Tx: m.Tx, Seq: m.Seq, Life: p.journal.life}
		if m.Seq != done+1 || b.waiting != "" {
			p.refuse(env, b)
			return
		}
		b.ops = append(b.ops, m.Op)
		p.work(env, b)
	}
}

// work goes on with a transaction's operations until they are done or one must wait for a lock.
func (p *Participant) work(env sim.Env, b *branch) {
	for b.next < len(b.ops) {
		op := b.ops[b.next]
		mode := exclusive
		if op.Kind == Read {
			mode = shared
		}
		if p.locking != None {
			switch state, by := p.locks.acquire(locker{b.age, b.tx}, op.Key, mode); state {
			case waits:
				b.waiting, b.by = op.Key, by
				env.Note(Waited{b.tx, op.Key, by})
				b.step++
				env.After(lockPatience, overdue{b.tx, b.step})
				return
			case dies:
				env.Note(Refused{b.tx, op.Key, by})
				p.refuse(env, b)
				return
			}
		}
		p.perform(env, b, op)
		b.next++
	}
	if b.asked {
		p.vote(env, b)
	} else {
		env.Send(b.client, b.last)
	}
}

// perform does one operation. What it writes is kept with the transaction.
func (p *Participant) perform(env sim.Env, b *branch, op Op) {
	v := p.store.read(op.Key)
	own := -1
	for i := range b.writes {
		if b.writes[i].key == op.Key {
			own, v = i, version{b.writes[i].value, b.tx}
		}
	}
	switch op.Kind {
	case Read:
		b.reads = append(b.reads, op.Key)
		env.Note(Saw{b.tx, op.Key, v.tx, v.value})
		b.last.Value, b.last.Version = v.value, v.tx
		return
	case Write:
		v.value = op.Value
	case Append:
		env.Note(Appended{b.tx, op.Key, op.Value})
		v.value = with(v.value, op.Value)
	}
	b.last.Value = v.value
	if own >= 0 {
		b.writes[own].value = v.value
	} else {
		b.writes = append(b.writes, write{op.Key, v.value})
	}
}

// carryOut does what the locks have ruled: those who waited go on, or die.
func (p *Participant) carryOut(env sim.Env) {
	for i := 0; i < len(p.locks.rulings) && !p.halted; i++ {
		r := p.locks.rulings[i]
		b := p.branch(r.tx)
		if b.state != Active || b.waiting != r.key {
			continue
		}
		b.waiting = ""
		b.step++
		// Going on may free or take more locks, and so add rulings to the list.
		if r.granted {
			p.work(env, b) // it asks once more for what it has by now
		} else {
			env.Note(Refused{b.tx, r.key, r.by})
			p.refuse(env, b)
		}
	}
	p.locks.rulings = p.locks.rulings[:0]
}

// idle looks whether a transaction at work has gone on since; one that was left alone is aborted.
func (p *Participant) idle(env sim.Env, m idle) {
	b := p.branch(m.Tx)
	switch {
	case b.state != Active || b.asked:
	case m.Seq == uint32(len(b.ops)) && b.waiting == "":
		p.abort(env, b, false)
	default:
		env.After(idlePatience, idle{b.tx, uint32(len(b.ops))})
	}
}

// install makes what the transaction wrote the latest of its keys.
func (p *Participant) install(env sim.Env, b *branch) {
	for _, w := range b.writes {
		p.store.install(w.key, version{w.value, b.tx})
		env.Note(Installed{b.tx, w.key, w.value})
	}
}

// relock takes the locks of a prepared transaction again. They were held together before the crash, so nobody is in
// the way.
func (p *Participant) relock(b *branch) {
	if p.locking != Strict {
		return
	}
	who := locker{b.age, b.tx}
	for _, key := range b.reads {
		p.locks.acquire(who, key, shared)
	}
	for _, w := range b.writes {
		p.locks.acquire(who, w.key, exclusive)
	}
}
