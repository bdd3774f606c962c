package mapping

import "testing"

func TestTheProcessIsTheContainers(t *testing.T) {
	env := func(more string) string {
		return `["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin","HOSTNAME=web"` + more + `]`
	}
	rows(t, []row{
		{"the command is Path and Args", `{}`, "process/args", `["httpd","-f"]`, nil},
		{"without Path it is Entrypoint and Cmd", `{"Path":"","Args":[],"Config":{"Entrypoint":["/e"],"Cmd":["c"]}}`, "process/args", `["/e","c"]`, nil},
		{"an init comes before it", `{"HostConfig":{"Init":true}}`, "process/args", `["/sbin/docker-init","--","httpd","-f"]`, nil},
		{"the init is mounted", `{"HostConfig":{"Init":true}}`, "mounts?destination=/sbin/docker-init",
			`{"destination":"/sbin/docker-init","type":"bind","source":"/usr/bin/tini-static","options":["bind","ro","rprivate"]}`, nil},
		{"an init is for a pid namespace of one's own", `{"HostConfig":{"Init":true,"PidMode":"host"}}`, "process/args", `["httpd","-f"]`, nil},
		{"Docker has three variables of its own", `{"Config":{"Tty":true}}`, "process/env", env(`,"TERM=xterm"`), nil},
		{"the container's variables win", `{"Config":{"Env":["HOSTNAME=x","A=1"]}}`, "process/env",
			`["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin","HOSTNAME=x","A=1"]`, nil},
		{"a variable without a value takes one away", `{"Config":{"Env":["HOSTNAME"]}}`, "process/env",
			`["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]`, nil},
		{"there is a terminal if one was asked for", `{"Config":{"Tty":true}}`, "process/terminal", `true`, nil},
		{"it has its size", `{"Config":{"Tty":true},"HostConfig":{"ConsoleSize":[24,80]}}`, "process/consoleSize", `{"height":24,"width":80}`, nil},
		{"without a terminal there is no size", `{"HostConfig":{"ConsoleSize":[24,80]}}`, "process/consoleSize", "", nil},
		{"the working directory is the root", `{}`, "process/cwd", `"/"`, nil},
		{"or another one", `{"Config":{"WorkingDir":"/srv"}}`, "process/cwd", `"/srv"`, nil},
		{"limits have RLIMIT_ before their names, and -1 is none", `{"HostConfig":{"Ulimits":[{"Name":"nofile","Soft":5,"Hard":-1}]}}`,
			"process/rlimits", `[{"type":"RLIMIT_NOFILE","soft":5,"hard":18446744073709551615}]`, nil},
		{"the badness is as given", `{"HostConfig":{"OomScoreAdj":-7}}`, "process/oomScoreAdj", `-7`, nil},
		{"the badness is the runtime's unless given", `{}`, "process/oomScoreAdj", "", nil},
		{"the umask is as given", `{"HostConfig":{"Umask":23}}`, "process/user/umask", `23`, nil},
		{"the names are the container's", `{"Config":{"Domainname":"example.org"}}`, "domainname", `"example.org"`, nil},
		{"a host name is none with the host's UTS namespace", `{"HostConfig":{"UTSMode":"host"}}`, "hostname", "", nil},
		{"the root filesystem is writable", `{}`, "root", `{"path":"rootfs"}`, nil},
		{"or not", `{"HostConfig":{"ReadonlyRootfs":true}}`, "root/readonly", `true`, nil},
	})
}

func TestUsersAreTheContainers(t *testing.T) {
	without := func(o *Options) { o.Accounts = nil }
	rows(t, []row{
		{"root has the groups that it is a member of", `{}`, "process/user", `{"uid":0,"gid":0,"additionalGids":[0,4]}`, nil},
		{"a name has its ids and groups", `{"Config":{"User":"www"}}`, "process/user", `{"uid":1000,"gid":1001,"additionalGids":[1001,2000,4]}`, nil},
		{"a number has them, too", `{"Config":{"User":"1000"}}`, "process/user", `{"uid":1000,"gid":1001,"additionalGids":[1001,2000,4]}`, nil},
		{"a group that is named is the only one", `{"Config":{"User":"www:more"}}`, "process/user", `{"uid":1000,"gid":2000,"additionalGids":[2000]}`, nil},
		{"numbers need not be known", `{"Config":{"User":"7:8"}}`, "process/user", `{"uid":7,"gid":8,"additionalGids":[8]}`, nil},
		{"groups are added by name and number", `{"Config":{"User":"7:8"},"HostConfig":{"GroupAdd":["adm","9"]}}`, "process/user",
			`{"uid":7,"gid":8,"additionalGids":[8,4,9]}`, nil},
		{"no user, but a group", `{"Config":{"User":":adm"}}`, "process/user", `{"uid":0,"gid":4,"additionalGids":[4]}`, nil},
		{"a user and an empty group", `{"Config":{"User":"www:"}}`, "process/user", `{"uid":1000,"gid":1001,"additionalGids":[1001,2000,4]}`, nil},
		{"numbers do without passwd", `{"Config":{"User":"7:8"}}`, "process/user", `{"uid":7,"gid":8,"additionalGids":[8]}`, without},
	})
	refused(t, []row{
		{"an unknown user", `{"Config":{"User":"nobody"}}`, "", `Config.User: "nobody": unable to find user nobody: no matching entries in passwd file`, nil},
		{"an unknown group", `{"Config":{"User":"www:none"}}`, "", `Config.User: "www:none": unable to find group none`, nil},
		{"an unknown group to add", `{"HostConfig":{"GroupAdd":["none"]}}`, "", `HostConfig.GroupAdd: "[none]": unable to find group none`, nil},
		{"a group without a name", `{"HostConfig":{"GroupAdd":["adm",""]}}`, "", `HostConfig.GroupAdd[1]: "": it is empty`, nil},
		{"a name without passwd", `{"Config":{"User":"www"}}`, "", `give its root filesystem with --rootfs DIR`, without},
		{"an id that is not mapped", `{"Config":{"User":"www"}}`, "", `an id is beyond the 1000 that --userns maps`, mapped(100000, 1000)},
		{"a number that is none of a user", `{"Config":{"User":"-5"}}`, "", `Config.User: "-5"`, nil},
	})
}

func TestCapabilitiesAreDockersWithThoseOfTheContainer(t *testing.T) {
	const defaults = `["CAP_AUDIT_WRITE","CAP_CHOWN","CAP_DAC_OVERRIDE","CAP_FOWNER","CAP_FSETID","CAP_KILL","CAP_MKNOD",
		"CAP_NET_BIND_SERVICE","CAP_NET_RAW","CAP_SETFCAP","CAP_SETGID","CAP_SETPCAP","CAP_SETUID","CAP_SYS_CHROOT"]`
	const everything = `["CAP_AUDIT_WRITE","CAP_CHOWN","CAP_DAC_OVERRIDE","CAP_FOWNER","CAP_FSETID","CAP_KILL","CAP_MKNOD",
		"CAP_NET_BIND_SERVICE","CAP_NET_RAW","CAP_SETFCAP","CAP_SETGID","CAP_SETPCAP","CAP_SETUID","CAP_SYS_ADMIN","CAP_SYS_CHROOT","CAP_SYS_TIME"]`
	rows(t, []row{
		{"fourteen are Docker's", `{}`, "process/capabilities/bounding", defaults, nil},
		{"they are permitted", `{}`, "process/capabilities/permitted", defaults, nil},
		{"they are effective", `{}`, "process/capabilities/effective", defaults, nil},
		{"none is inheritable", `{}`, "process/capabilities/inheritable", "", nil},
		{"none is ambient", `{}`, "process/capabilities/ambient", "", nil},
		{"names are written in many ways", `{"HostConfig":{"CapDrop":["all"],"CapAdd":["CAP_KILL","chown","Sys_Time","KILL"]}}`,
			"process/capabilities/bounding", `["CAP_CHOWN","CAP_KILL","CAP_SYS_TIME"]`, nil},
		{"what is added wins over what is dropped", `{"HostConfig":{"CapDrop":["ALL","KILL"],"CapAdd":["KILL"]}}`,
			"process/capabilities/bounding", `["CAP_KILL"]`, nil},
		{"all, without some", `{"HostConfig":{"CapAdd":["ALL"],"CapDrop":["SYS_ADMIN","SYS_TIME"]}}`, "process/capabilities/bounding", defaults, nil},
		{"privileged ones have all", `{"HostConfig":{"Privileged":true,"CapDrop":["KILL"]}}`, "process/capabilities/bounding", everything, nil},
	})
	refused(t, []row{
		{"an unknown capability", `{"HostConfig":{"CapAdd":["FLY"]}}`, "", `HostConfig.CapAdd[0]: "FLY": it is no capability that this kernel knows`, nil},
	})
}
