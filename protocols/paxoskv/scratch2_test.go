package paxoskv

import (
	"fmt"
	"simrun/sim/fault"
)

func faultName(i int) string { return fault.Kind(i).String() }

func typeName(v any) string { return fmt.Sprintf("%T", v) }
