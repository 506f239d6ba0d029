package twopc

// A version is the value of a key, and who wrote it: the zero Tx if nobody has.
type version struct {
	value string
	tx    Tx
}

// A store is the committed data of a participant. It is in memory only: the log says what is in it.
type store struct{ byKey map[string]version }

func (s *store) read(key string) version { return s.byKey[key] }

func (s *store) install(key string, v version) {
	if s.byKey == nil {
		s.byKey = make(map[string]version)
	}
	s.byKey[key] = v
}

// with returns a list with one more element.
func with(list, element string) string {
	if list == "" {
		return element
	}
	return list + "," + element
}
