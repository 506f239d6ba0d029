package kootoueg

// A dependence is an edge of the graph that decides who takes part in a checkpoint: a process has received something from From since its
// last checkpoint. It is Fresh if From's last checkpoint has not sent that.
type dependence struct {
	From  int
	Fresh bool
}

// closure returns who must take a checkpoint if the process start does, by the graph alone: whoever can be reached by fresh dependences. Edges
// is how many requests that takes: one for each dependence of each of them, since who asks does not know whether it is fresh.
func closure(start int, depends func(i int) []dependence) (members []int, edges int) {
	members = []int{start}
	reached := map[int]bool{start: true}
	for next := 0; next < len(members); next++ {
		for _, d := range depends(members[next]) {
			edges++
			if d.Fresh && !reached[d.From] {
				reached[d.From] = true
				members = append(members, d.From)
			}
		}
	}
	return members, edges
}
