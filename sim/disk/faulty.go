package disk

// Faulty is a disk whose operations can return errors: a decorator, for tests of those who must cope.
type Faulty struct {
	FS
	// Fail is asked before every operation. If it returns an error the operation returns it and does nothing. The
	// operation it is shown has no Err yet. A nil Fail lets all pass.
	Fail func(Op) error
}

func (f *Faulty) ask(o Op) error {
	if f.Fail == nil {
		return nil
	}
	return f.Fail(o)
}

// ReadAt implements [FS].
func (f *Faulty) ReadAt(name string, p []byte, off int64) (int, error) {
	if err := f.ask(Op{Kind: ReadOp, Name: name, Off: off, Len: len(p)}); err != nil {
		return 0, err
	}
	return f.FS.ReadAt(name, p, off)
}

// WriteAt implements [FS].
func (f *Faulty) WriteAt(name string, p []byte, off int64) error {
	if err := f.ask(Op{Kind: WriteOp, Name: name, Off: off, Len: len(p)}); err != nil {
		return err
	}
	return f.FS.WriteAt(name, p, off)
}

// Append implements [FS].
func (f *Faulty) Append(name string, p []byte) error {
	if err := f.ask(Op{Kind: AppendOp, Name: name, Len: len(p)}); err != nil {
		return err
	}
	return f.FS.Append(name, p)
}

// Truncate implements [FS].
func (f *Faulty) Truncate(name string, size int64) error {
	if err := f.ask(Op{Kind: TruncateOp, Name: name, Off: size}); err != nil {
		return err
	}
	return f.FS.Truncate(name, size)
}

// Sync implements [FS].
func (f *Faulty) Sync(name string) error {
	if err := f.ask(Op{Kind: SyncOp, Name: name}); err != nil {
		return err
	}
	return f.FS.Sync(name)
}

// Rename implements [FS].
func (f *Faulty) Rename(from, to string) error {
	if err := f.ask(Op{Kind: RenameOp, Name: from, To: to}); err != nil {
		return err
	}
	return f.FS.Rename(from, to)
}

// Remove implements [FS].
func (f *Faulty) Remove(name string) error {
	if err := f.ask(Op{Kind: RemoveOp, Name: name}); err != nil {
		return err
	}
	return f.FS.Remove(name)
}

// SyncDir implements [FS].
func (f *Faulty) SyncDir() error {
	if err := f.ask(Op{Kind: SyncDirOp}); err != nil {
		return err
	}
	return f.FS.SyncDir()
}

// List implements [FS].
func (f *Faulty) List() ([]string, error) {
	if err := f.ask(Op{Kind: ListOp}); err != nil {
		return nil, err
	}
	return f.FS.List()
}

// Size implements [FS].
func (f *Faulty) Size(name string) (int64, error) {
	if err := f.ask(Op{Kind: SizeOp, Name: name}); err != nil {
		return 0, err
	}
	return f.FS.Size(name)
}
