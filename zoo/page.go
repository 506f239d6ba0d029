package zoo

import (
	"fmt"
	"io"
	"path"
	"strings"
)

// Stories prints all that is known of the bugs, in Markdown: a heading a folder, and a paragraph or two a bug.
func Stories(w io.Writer, z Zoo) error {
	var b strings.Builder
	folder := ""
	for _, bug := range z {
		if in := path.Dir(bug.Name); in != folder {
			folder = in
			fmt.Fprintf(&b, "### %s\n\n", folder)
		}
		tellStory(&b, bug)
	}
	_, err := io.WriteString(w, strings.TrimRight(b.String(), "\n")+"\n")
	return err
}

// tellStory prints one bug.
func tellStory(b *strings.Builder, bug *Bug) {
	name := "**" + path.Base(bug.Name) + "**"
	if bug.ID != "" {
		name += " (" + bug.ID + ")"
	}
	fmt.Fprintf(b, "%s: %s. %s", name, bug.Title, bug.Story)
	if bug.Masked != "" {
		fmt.Fprintf(b, " *Masked:* %s", bug.Masked)
	} else {
		fmt.Fprintf(b, " It breaks `%s` and needs %s.", bug.Breaks, bug.NeedsText())
		for _, a := range bug.Also {
			fmt.Fprintf(b, " `%s` may complain first: %s.", a.Property, strings.TrimSuffix(a.Reason, "."))
		}
	}
	if bug.Smallest != "" && bug.Masked == "" {
		fmt.Fprintf(b, " The smallest run known has %s.", bug.Smallest)
	}
	if bug.Seen != "" {
		fmt.Fprintf(b, " Seen: %s.", strings.TrimSuffix(bug.Seen, "."))
	}
	if bug.Mend != "" {
		fmt.Fprintf(b, " *What mends it:* %s", bug.Mend)
	}
	fmt.Fprintf(b, " *Hint:* %s\n\n", bug.Hint)
}

// Replace puts text in the place of what stands in a page between the lines <!-- SECTION --> and <!-- /SECTION -->. It is false, and the page is as it was, if the
// page has no such section.
func Replace(page, section, text string) (string, bool) {
	before, rest, ok := strings.Cut(page, "<!-- "+section+" -->\n")
	_, after, closed := strings.Cut(rest, "<!-- /"+section+" -->")
	if !ok || !closed {
		return page, false
	}
	return before + "<!-- " + section + " -->\n" + text + "<!-- /" + section + " -->" + after, true
}
