package paxoskv

import "simrun/sim/fault"

func faultName(i int) string { return fault.Kind(i).String() }
