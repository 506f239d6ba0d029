package view

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// CheckFile returns an error if there can be no file of that name: if it is a directory, or stands in none. It is asked before a run is made
// for the file.
func CheckFile(name string) error {
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		return fmt.Errorf("%s is a directory: want the name of a file in it", name)
	}
	if info, err := os.Stat(filepath.Dir(name)); err != nil || !info.IsDir() {
		return fmt.Errorf("%s: there is no directory %s", name, filepath.Dir(name))
	}
	return nil
}

// WriteFile writes a file as a whole or not at all: under another name, which becomes the right one in the end. What is there already and is no
// plain file, such as a pipe, is written to as it is. It returns the number of bytes.
func WriteFile(name string, write func(io.Writer) error) (size int64, err error) {
	var f *os.File
	old, err := os.Stat(name)
	plain := errors.Is(err, os.ErrNotExist) || err == nil && old.Mode().IsRegular()
	if plain {
		if f, err = os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*"); err != nil {
			return 0, err
		}
		defer os.Remove(f.Name()) // which fails when it has another name by then
	} else if f, err = os.OpenFile(name, os.O_WRONLY, 0); err != nil {
		return 0, err
	}
	defer f.Close()
	counted := &countingWriter{w: f}
	b := bufio.NewWriterSize(counted, 1<<16)
	if err = write(b); err == nil {
		err = b.Flush()
	}
	if err == nil && plain {
		err = f.Chmod(0o644)
	}
	if err != nil {
		return 0, err
	}
	if err = f.Close(); err == nil && plain {
		err = os.Rename(f.Name(), name)
	}
	return counted.n, err
}

// A countingWriter counts what is written.
type countingWriter struct {
	w io.Writer
	n int64
}

// Write writes and counts.
func (c *countingWriter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}
