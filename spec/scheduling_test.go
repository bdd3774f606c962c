package spec

import "testing"

func TestASchedulerHasAPolicyAndWhatThatPolicyTakes(t *testing.T) {
	check(t, []verdict{
		{change: `{"process":{"scheduler":{"policy":"SCHED_OTHER","nice":-20}}}`},
		{change: `{"process":{"scheduler":{"policy":"SCHED_BATCH","nice":19}}}`},
		{change: `{"process":{"scheduler":{"policy":"SCHED_IDLE"}}}`},
		{change: `{"process":{"scheduler":{"policy":"SCHED_FIFO","priority":1}}}`},
		{change: `{"process":{"scheduler":{"policy":"SCHED_RR","priority":99,"flags":["SCHED_FLAG_RESET_ON_FORK"]}}}`},
		{change: `{"process":{"scheduler":{"policy":"SCHED_DEADLINE","runtime":1024,"deadline":2000,"period":3000}}}`},
		{change: `{"process":{"scheduler":{"policy":"SCHED_DEADLINE","runtime":2000,"deadline":2000}}}`},
		{change: `{"process":{"scheduler":{}}}`,
			errs: []string{`process.scheduler.policy: it is missing; one is SCHED_OTHER`}},
		{change: `{"process":{"scheduler":{"policy":"SCHED_FAST"}}}`,
			errs: []string{`process.scheduler.policy: "SCHED_FAST" is not one of SCHED_OTHER, SCHED_FIFO, SCHED_RR, SCHED_BATCH, SCHED_IDLE, SCHED_DEADLINE`}},
		{change: `{"process":{"scheduler":{"policy":"SCHED_ISO"}}}`,
			errs: []string{`process.scheduler.policy: SCHED_ISO is reserved, and no Linux implements it`}},
		{change: `{"process":{"scheduler":{"policy":"SCHED_OTHER","nice":-21}}}`,
			errs: []string{`process.scheduler.nice: -21 is not from -20 to 19`}},
		{change: `{"process":{"scheduler":{"policy":"SCHED_OTHER","nice":20,"priority":1}}}`,
			errs: []string{
				`process.scheduler.nice: 20 is not from -20 to 19`,
				`process.scheduler.priority: 1 means something to SCHED_FIFO and SCHED_RR only, not to "SCHED_OTHER"`,
			}},
		{change: `{"process":{"scheduler":{"policy":"SCHED_FIFO"}}}`,
			errs: []string{`process.scheduler.priority: 0 is not from 1 to 99, as SCHED_FIFO needs it`}},
		{change: `{"process":{"scheduler":{"policy":"SCHED_RR","priority":100}}}`,
			errs: []string{`process.scheduler.priority: 100 is not from 1 to 99, as SCHED_RR needs it`}},
		{change: `{"process":{"scheduler":{"policy":"SCHED_OTHER","runtime":1,"deadline":2,"period":3}}}`,
			errs: []string{`process.scheduler: runtime 1, deadline 2 and period 3 mean something to SCHED_DEADLINE only, not to "SCHED_OTHER"`}},
		{change: `{"process":{"scheduler":{"policy":"SCHED_DEADLINE"}}}`,
			errs: []string{`process.scheduler.runtime: 0 is less than the 1024 nanoseconds that SCHED_DEADLINE needs`}},
		{change: `{"process":{"scheduler":{"policy":"SCHED_DEADLINE","runtime":5000,"deadline":4000,"period":3000}}}`,
			errs: []string{
				`process.scheduler.deadline: 4000 is less than the runtime, 5000`,
				`process.scheduler.period: 3000 is less than the deadline, 4000`,
			}},
		{change: `{"process":{"scheduler":{"policy":"SCHED_DEADLINE","runtime":5000,"deadline":9223372036854775808}}}`,
			errs: []string{`process.scheduler.period: 9223372036854775808 nanoseconds are more than 9223372036854775807`}},
		{change: `{"process":{"scheduler":{"policy":"SCHED_OTHER","flags":["SCHED_FLAG_RECLAIM","SCHED_FLAG_NICE"]}}}`,
			errs: []string{`process.scheduler.flags[1]: "SCHED_FLAG_NICE" is not a flag of sched_setattr(2)`}},
	})
}

func TestAnIOPriorityHasAClassAndALevelOfEight(t *testing.T) {
	check(t, []verdict{
		{change: `{"process":{"ioPriority":{"class":"IOPRIO_CLASS_IDLE","priority":7}}}`},
		{change: `{"process":{"ioPriority":{"class":"IOPRIO_CLASS_RT","priority":0}}}`},
		{change: `{"process":{"ioPriority":{"class":"IOPRIO_CLASS_NONE","priority":8}}}`,
			errs: []string{
				`process.ioPriority.class: "IOPRIO_CLASS_NONE" is not one of IOPRIO_CLASS_RT, IOPRIO_CLASS_BE, IOPRIO_CLASS_IDLE`,
				`process.ioPriority.priority: 8 is not from 0 (highest) to 7 (lowest)`,
			}},
		{change: `{"process":{"ioPriority":{"priority":-1}}}`,
			errs: []string{
				`process.ioPriority.class: "" is not one of IOPRIO_CLASS_RT, IOPRIO_CLASS_BE, IOPRIO_CLASS_IDLE`,
				`process.ioPriority.priority: -1 is not from 0 (highest) to 7 (lowest)`,
			}},
	})
}

func TestCPUListsAreNumbersAndRanges(t *testing.T) {
	check(t, []verdict{
		{change: `{"process":{"execCPUAffinity":{"initial":"7","final":"0-3,7"}}}`},
		{change: `{"process":{"execCPUAffinity":{"initial":"7-","final":"3-0"}}}`,
			errs: []string{
				`process.execCPUAffinity.initial: "7-" is not a list of numbers and ranges like 0-3,7`,
				`process.execCPUAffinity.final: "3-0" is not a list of numbers and ranges like 0-3,7`,
			}},
		{change: `{"linux":{"resources":{"cpu":{"cpus":"0-31:1/4, 40","mems":"0\n"}}}}`},
		{change: `{"linux":{"resources":{"cpu":{"cpus":"0,,1","mems":"a"}}}}`,
			errs: []string{
				`linux.resources.cpu.cpus: "0,,1" is not a list of numbers and ranges like 0-3,7`,
				`linux.resources.cpu.mems: "a" is not a list of numbers and ranges like 0-3,7`,
			}},
		{change: `{"linux":{"resources":{"cpu":{"cpus":"1:1/2","mems":"0-3:5/4"}}}}`,
			errs: []string{
				`linux.resources.cpu.cpus: "1:1/2" is not a list of numbers and ranges like 0-3,7`,
				`linux.resources.cpu.mems: "0-3:5/4" is not a list of numbers and ranges like 0-3,7`,
			}},
		{change: `{"linux":{"resources":{"cpu":{"cpus":"-1","mems":"99999999999999999999"}}}}`,
			errs: []string{
				`linux.resources.cpu.cpus: "-1" is not a list of numbers and ranges like 0-3,7`,
				`linux.resources.cpu.mems: "99999999999999999999" is not a list of numbers and ranges like 0-3,7`,
			}},
	})
}
