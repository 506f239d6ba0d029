package cli

import (
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"simrun/zoo"
)

// A section is a part of a page that this command writes: what stands between <!-- NAME --> and <!-- /NAME -->.
type section struct {
	name  string
	write func(io.Writer) error
}

// sectionsOf lists the sections that are made of a zoo and of what was measured of it.
func sectionsOf(z zoo.Zoo, p *zoo.Published) ([]section, error) {
	scores, err := p.Scores(z)
	if err != nil {
		return nil, err
	}
	return []section{
		{"stories", func(w io.Writer) error { return zoo.Stories(w, z) }},
		{"score", func(w io.Writer) error { return zoo.Board(w, scores, p.About()) }},
		{"slowest", func(w io.Writer) error { return zoo.Slowest(w, scores, slowest) }},
		{"score-summary", func(w io.Writer) error { return zoo.Summary(w, scores, p.About()) }},
	}, nil
}

// slowest is how many bugs the section of that name has.
const slowest = 10

// zooPage makes the command that writes what is known of the zoo into a page.
func (c *command) zooPage() *cobra.Command {
	return &cobra.Command{
		Use:   "page FILE",
		Short: "Write the stories of all bugs, and their scores, into a Markdown file",
		Long: "A file that is there is changed between <!-- NAME --> and <!-- /NAME --> alone. The names are stories, score: the table of what " + zoo.PublishedFile + " says was measured,\n" +
			"slowest: the bugs that take the most seeds, and score-summary: a line a folder. A new file gets the stories.",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("zoo page takes one file, and got %d", len(args))
			}
			return checkOut("page", args[0])
		},
		RunE: func(_ *cobra.Command, args []string) error {
			z, b, err := c.openZoo()
			if err != nil {
				return err
			}
			p, err := zoo.OpenPublished(os.DirFS(b.Root))
			if err != nil {
				return usage("%v", err)
			}
			sections, err := sectionsOf(z, p)
			if err != nil {
				return usage("%s: %v", zoo.PublishedFile, err)
			}
			return writePage(args[0], sections)
		},
	}
}

// writePage writes the sections that a file has, or the first one as the whole of a new file. One that is there and has none is left alone: what it says would be lost.
func writePage(file string, sections []section) error {
	old, _ := readPlain(file) // none: there is nothing in it
	page, names, replaced := string(old), []string{}, false
	for _, s := range sections {
		var text strings.Builder
		if err := s.write(&text); err != nil {
			return err
		}
		changed, ok := zoo.Replace(page, s.name, text.String())
		if len(old) == 0 && !replaced {
			changed, ok = text.String(), true
		}
		page, replaced, names = changed, replaced || ok, append(names, "<!-- "+s.name+" -->")
	}
	if !replaced {
		return usage("%s has no line such as %s, so nothing in it is to be written", file, strings.Join(names, ", "))
	}
	return writeOut(file, func(w io.Writer) error {
		_, err := io.WriteString(w, page)
		return err
	})
}

// readPlain reads a file that is to be written. Of what is no plain file, such as a pipe or a device, which may never end, it says that there is none.
func readPlain(file string) ([]byte, error) {
	if info, err := os.Stat(file); err == nil && !info.Mode().IsRegular() {
		return nil, fs.ErrNotExist
	}
	return os.ReadFile(file)
}

// intoPage writes a page: the old one with another text in a section, if it has the section, else the text alone.
func intoPage(w io.Writer, file, name string, write func(io.Writer) error) error {
	var text strings.Builder
	if err := write(&text); err != nil {
		return err
	}
	page := text.String()
	if old, err := readPlain(file); err == nil {
		if whole, ok := zoo.Replace(string(old), name, page); ok {
			page = whole
		}
	}
	_, err := io.WriteString(w, page)
	return err
}
