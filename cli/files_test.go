package cli_test

import (
	"fmt"
	"strconv"
	"strings"

	"simrun/sim"
)

// shop is a scenario that reads runs from files: orders, of which there may be many, and a price list, which is needed.
// The number of all orders is that of additions.
func shop() *sim.Scenario {
	s := counter()
	s.Name = "shop"
	plain := s.Properties
	s.Properties = func(o sim.Options) []sim.Property {
		return append(plain(o), bill{fmt.Sprintf("ordered\n%d\n", o.Int("adds")), o.Text("style") == "fancy"})
	}
	s.Import = &sim.Import{
		Files: []sim.ImportFile{{Flag: "prices", Needed: true, Doc: "what things cost"}, {Flag: "order", Many: true, Doc: "how many are ordered"}},
		Read: func(files map[string][]sim.File, cfg sim.Config) (in sim.Imported, err error) {
			sum := 0
			for _, f := range files["order"] {
				n, err := strconv.Atoi(strings.TrimSpace(f.Text))
				if err != nil {
					return in, fmt.Errorf("%s:1: %q: want a number", f.Name, f.Text)
				}
				sum += n
			}
			if sum > 9 && cfg.Seed == 13 {
				return in, fmt.Errorf("%s:1: %d orders, and bad luck", files["order"][0].Name, sum)
			}
			return sim.Imported{Settings: []string{fmt.Sprintf("adds=%d", sum)}, Bare: len(files["order"]) > 1}, nil
		},
	}
	return s
}

// A bill is a property with an account.
type bill struct {
	text  string
	wrong bool
}

func (b bill) Name() string             { return "bill" }
func (b bill) Observe(*sim.Event) error { return nil }
func (b bill) Account() string          { return b.text }
func (b bill) Checks() uint64           { return 1 }
func (b bill) End(*sim.World) (sim.Result, error) {
	if b.wrong {
		return sim.Holds, fmt.Errorf("nobody pays for fancy goods")
	}
	return sim.Holds, nil
}
