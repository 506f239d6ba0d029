package cli

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"simrun/zoo"
)

// A scoreLog is the file that results are kept in.
type scoreLog struct {
	f   *os.File
	err error
}

// openLog reads what is there, and opens the file for more. A last line that was cut off is not taken, and does not harm.
func openLog(name string, campaign *zoo.Campaign) (*scoreLog, error) {
	if name == "" {
		return &scoreLog{}, nil
	}
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return nil, usage("--log: %v", err)
	}
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		f.Close()
		return nil, usage("--log %s: it is no plain file, and what was tried is read from it again", name)
	}
	whole, err := readLog(f, campaign)
	if err == nil {
		err = f.Truncate(whole)
	}
	if err == nil {
		_, err = f.Seek(whole, io.SeekStart)
	}
	if err != nil {
		f.Close()
		return nil, usage("--log %s: %v", name, err)
	}
	return &scoreLog{f: f}, nil
}

// readLog reads all whole lines and returns their length.
func readLog(f io.Reader, campaign *zoo.Campaign) (whole int64, err error) {
	r := bufio.NewReader(f)
	for line := 1; ; line++ {
		text, err := r.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return whole, nil
		}
		if err != nil {
			return whole, err
		}
		var result zoo.Result
		if err := json.Unmarshal(text, &result); err != nil || result.Bug == "" || result.Key == "" {
			return whole, fmt.Errorf("line %d is no result of a score: give another file, or mend it", line)
		}
		whole += int64(len(text))
		campaign.Known = append(campaign.Known, result)
	}
}

// add writes a result down.
func (l *scoreLog) add(r zoo.Result) {
	if l.f == nil || l.err != nil {
		return
	}
	text, err := json.Marshal(r)
	if err == nil {
		_, err = l.f.Write(append(text, '\n'))
	}
	l.err = err
}

func (l *scoreLog) close() error {
	if l.f == nil {
		return nil
	}
	if err := l.f.Close(); l.err == nil {
		l.err = err
	}
	if l.err != nil {
		return fmt.Errorf("cannot keep results in %s: %w", filepath.Base(l.f.Name()), l.err)
	}
	return nil
}
