package maps

import "sort"

func Sorted(m map[int]int) (list []int) {
	for k := range m {
		list = append(list, k)
	}
	sort.Ints(list)
	return list
}
