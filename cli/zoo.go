package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"simrun/view"
	"simrun/zoo"
)

// zoo makes the commands about bugs worth knowing.
func (c *command) zoo() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "zoo",
		Short: "Look at bugs worth knowing, and measure how soon they are found",
		Long: "The zoo of a program is the patches in the folder " + zoo.Folder + " of its module, each a bug with its story.\n" +
			"run, hunt, replay, shrink and show take --bug NAME: they are then done by this program compiled with the patch.\n" +
			"The source is never changed, and what was compiled is kept in the user's cache.",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage("zoo does what? list, show, diff, flags, page, score, needs; see: %s zoo --help", c.name)
			}
			return usage("zoo has no command %q%s see: %s zoo --help", args[0], didYouMean(args[0], []string{"list", "show", "diff", "flags", "page", "score", "needs"}), c.name)
		},
		RunE: func(*cobra.Command, []string) error { return nil },
	}
	cmd.AddCommand(c.zooList(), c.zooShow(), c.zooDiff(), c.zooFlags(), c.zooPage(), c.zooScore(), c.zooNeeds(), c.zooTrial())
	return cmd
}

// A bugRecord is a bug as --json prints it.
type bugRecord struct {
	Name     string            `json:"name"`
	ID       string            `json:"id,omitempty"`
	Title    string            `json:"title"`
	Story    string            `json:"story"`
	Breaks   string            `json:"breaks"`
	Also     map[string]string `json:"also,omitempty"` // other outer properties that may see it first, and why
	Inner    []string          `json:"inner,omitempty"`
	Needs    []string          `json:"needs"`
	Masked   string            `json:"masked,omitempty"`
	Weakens  string            `json:"weakens,omitempty"` // of a checker that is made weak: what judges less
	Scenario string            `json:"scenario"`
	Set      []string          `json:"set,omitempty"`
	Faults   string            `json:"faults,omitempty"`
	Smallest string            `json:"smallest,omitempty"`
	Seen     string            `json:"seen,omitempty"`
	Mend     string            `json:"mend,omitempty"`
	Hint     string            `json:"hint"`
	Files    []string          `json:"files"`
}

func recordOfBug(b *zoo.Bug) bugRecord {
	also := make(map[string]string)
	for _, a := range b.Also {
		also[a.Property] = a.Reason
	}
	return bugRecord{b.Name, b.ID, b.Title, b.Story, b.Breaks, also, b.Inner, append([]string{}, b.Needs...), b.Masked, b.Weakens, b.Scenario, b.Set, b.Faults, b.Smallest, b.Seen, b.Mend, b.Hint, b.Files()}
}

// zooList makes the command that lists all bugs.
func (c *command) zooList() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list [FOLDER]",
		Short: "List the bugs, of one folder or of all",
		Args:  cobra.ArbitraryArgs,
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usage("zoo list takes one folder at most; what is %q?", args[1])
			}
			z, weak, _, err := c.openAll()
			if err != nil {
				return err
			}
			return c.listBugs(append(z, weak...), strings.Join(args, ""), asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object a bug")
	return cmd
}

// listBugs prints the bugs of a folder, or all.
func (c *command) listBugs(z zoo.Zoo, folder string, asJSON bool) error {
	n, widest, weak := 0, 0, false
	for _, b := range z {
		widest = max(widest, len(b.Name))
	}
	for _, b := range z {
		if in, _, _ := strings.Cut(b.Name, "/"); folder != "" && in != folder {
			continue
		}
		n++
		switch {
		case asJSON:
			c.printJSON(recordOfBug(b))
		case b.Weakens != "":
			if !weak {
				weak = true
				if n > 1 {
					fmt.Fprintln(c.out)
				}
				fmt.Fprintln(c.out, "no bugs, but checkers that are made weak, to see what they are worth (zoo score --weaken NAME):")
			}
			fmt.Fprintf(c.out, "%-*s  %s: %s\n", widest, b.Name, b.Weakens, b.Title)
		case b.Masked != "":
			fmt.Fprintf(c.out, "%-*s  %s (masked)\n", widest, b.Name, b.Title)
		default:
			fmt.Fprintf(c.out, "%-*s  %s\n", widest, b.Name, b.Title)
		}
	}
	if n == 0 && folder != "" {
		var folders []string
		for _, b := range z {
			in, _, _ := strings.Cut(b.Name, "/")
			folders = append(folders, in)
		}
		return usage("the zoo has no folder %q%s see: %s zoo list", folder, didYouMean(folder, folders), c.name)
	}
	return nil
}

// about makes a command about one bug.
func (c *command) about(use, short string, do func(*zoo.Builder, *zoo.Bug) error) *cobra.Command {
	return &cobra.Command{
		Use:   use + " NAME",
		Short: short,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("zoo %s takes the name of one bug, and got %d; see: %s zoo list", use, len(args), c.name)
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			z, weak, b, err := c.openAll()
			if err != nil {
				return err
			}
			bug, err := c.findBug(append(z, weak...), args[0])
			if err != nil {
				return err
			}
			return do(b, bug)
		},
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) (names []string, _ cobra.ShellCompDirective) {
			if z, weak, _, err := c.openAll(); err == nil && len(args) == 0 {
				names = append(z, weak...).Names()
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
	}
}

// zooShow makes the command that tells all about a bug.
func (c *command) zooShow() *cobra.Command {
	var asJSON bool
	cmd := c.about("show", "Tell the story of a bug, and what finds it", func(_ *zoo.Builder, bug *zoo.Bug) error {
		if asJSON {
			c.printJSON(recordOfBug(bug))
		} else {
			c.tellBug(bug)
		}
		return nil
	})
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return cmd
}

// tellBug prints what there is to know.
func (c *command) tellBug(b *zoo.Bug) {
	fmt.Fprintln(c.out, b.Name)
	line := func(label, text string) {
		if text != "" {
			fmt.Fprint(c.out, view.Wrap(fmt.Sprintf("  %-11s ", label), text))
		}
	}
	line("title", b.Title)
	line("id", b.ID)
	line("story", b.Story)
	line("weakens", b.Weakens)
	line("breaks", b.Breaks)
	for _, a := range b.Also {
		line("or", a.Property+" — "+a.Reason)
	}
	line("seen by", strings.Join(b.Inner, ", "))
	if b.Weakens == "" {
		line("needs", b.NeedsText())
	}
	line("masked", b.Masked)
	line("smallest", b.Smallest)
	line("happened", b.Seen)
	line("mend", b.Mend)
	line("hint", b.Hint)
	line("changes", strings.Join(b.Files(), ", "))
	if b.Masked == "" && b.Weakens == "" {
		line("find it", fmt.Sprintf("%s hunt %s --bug %s --stop-after 1", c.program, b.Scenario, b.Name))
	}
}

// zooDiff makes the command that prints the patch.
func (c *command) zooDiff() *cobra.Command {
	return c.about("diff", "Print the patch of a bug, with the line numbers that it has in the source as it is", func(b *zoo.Builder, bug *zoo.Bug) error {
		diff, err := b.Diff(bug)
		if err != nil {
			return usage("%v", err)
		}
		_, err = c.out.WriteString(diff)
		return err
	})
}

// zooFlags makes the command that prints what the Go tool must be told.
func (c *command) zooFlags() *cobra.Command {
	cmd := c.about("flags", "Print the flags with which go test and go build compile a bug", func(b *zoo.Builder, bug *zoo.Bug) error {
		flags, err := b.Flags(bug)
		if err != nil {
			return usage("%v", err)
		}
		_, err = fmt.Fprintln(c.out, strings.Join(flags, " "))
		return err
	})
	cmd.Example = "  go test $(" + c.name + " zoo flags NAME) ./..."
	return cmd
}
