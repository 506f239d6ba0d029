package seedfile

import (
	"bytes"
	"debug/elf"
	"os"
	"path/filepath"
	"testing"
)

// sumOf is the checksum of a file that holds these bytes.
func sumOf(t *testing.T, data []byte) uint32 {
	t.Helper()
	name := filepath.Join(t.TempDir(), "program")
	if err := os.WriteFile(name, data, 0o666); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	return checksum(f)
}

// own is the executable of this test.
func own(t *testing.T) []byte {
	t.Helper()
	name, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// Fails if the fingerprint is that of another program, or depends on its name.
func TestBuildIsOfThisProgram(t *testing.T) {
	if got := sumOf(t, own(t)); got == 0 || got != Build() {
		t.Errorf("Build is %08x, the executable has %08x", Build(), got)
	}
}

// Fails if two programs have the same fingerprint though their code, a constant or a variable's first value differs.
func TestBuildSeesCodeAndData(t *testing.T) {
	data := own(t)
	x, err := elf.NewFile(bytes.NewReader(data))
	if err != nil {
		t.Skip("the executables of this system are seen as a whole: ", err)
	}
	for _, name := range []string{".text", ".rodata", ".data", ".noptrdata"} {
		s := x.Section(name)
		for _, at := range []uint64{0, s.Size / 2, s.Size - 1} {
			changed := bytes.Clone(data)
			changed[s.Offset+at] ^= 1
			if sumOf(t, changed) == Build() {
				t.Errorf("byte %d of %s is another, and the fingerprint is the same", at, name)
			}
		}
	}
	// The names of files and the numbers of lines are in what is left out, as is what a debugger wants.
	for _, name := range []string{".gopclntab", ".go.buildinfo"} {
		if s := x.Section(name); s != nil {
			changed := bytes.Clone(data)
			changed[s.Offset+s.Size/2] ^= 1
			if sumOf(t, changed) != Build() {
				t.Errorf("%s is another, and so is the fingerprint", name)
			}
		}
	}
}

// Fails if what is no ELF file, or one cut short, has no fingerprint, or one in common.
func TestBuildOfOtherFiles(t *testing.T) {
	data := own(t)
	seen := make(map[uint32]int)
	for i, text := range [][]byte{nil, []byte("a"), []byte("b"), []byte("\x7fELF"), data[:100], data[:len(data)/2]} {
		sum := sumOf(t, text)
		if other, ok := seen[sum]; ok || sum == 0 {
			t.Errorf("file %d has the checksum %08x, as file %d", i, sum, other)
		}
		seen[sum] = i
	}
	f, err := os.Open(".")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if checksum(f) != 0 {
		t.Error("a folder has a fingerprint")
	}
}
