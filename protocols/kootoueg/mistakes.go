package kootoueg

// A Mistake is something that processes get wrong on purpose.
type Mistake uint8

// The mistakes. Each breaks one thing that the algorithm rests on.
const (
	None         Mistake = iota
	SendsEarly           // sends messages of the application between a tentative checkpoint and the decision
	Unsynced             // says that it is willing before its tentative checkpoint is on disk
	OldMessages          // takes messages of incarnations that are over
	DirectCohort         // asks those that the initiator depends on, and they ask nobody
	TellsFirst           // tells the decision before it is on disk
	LargestLabel         // last_smsg is the largest label where nothing was sent, as copies of the algorithm have it
	mistakes
)

var mistakeNames = [mistakes]string{"none", "sends-early", "unsynced", "old-messages", "direct-cohort", "tells-first", "largest-label"}

// String returns the name under which the mistake is an option.
func (m Mistake) String() string { return mistakeNames[m] }

// mistakeOf returns the mistake of that name.
func mistakeOf(name string) Mistake {
	for i, s := range mistakeNames {
		if s == name {
			return Mistake(i)
		}
	}
	return None
}
