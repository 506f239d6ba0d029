// Package maps is looked at by the test of a rule.
package maps

func Unsorted(m map[int]int) (list []int) {
	for k := range m {
		list = append(list, k)
	}
	return list
}
