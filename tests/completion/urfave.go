package completion

import "github.com/urfave/cli/v3"

// FlagsOf are the flags of the commands of a program, under all their names.
func FlagsOf(commands []*cli.Command) map[string][]string {
	all := map[string][]string{"": {"--help", "-h", "--version", "-v"}}
	for _, c := range commands {
		flags := []string{"--help", "-h"}
		for _, f := range c.Flags {
			for _, name := range f.Names() {
				if len(name) == 1 {
					flags = append(flags, "-"+name)
				} else {
					flags = append(flags, "--"+name)
				}
			}
		}
		for _, name := range c.Names() {
			all[name] = flags
		}
	}
	return all
}
