/* What several verbs know about runs: names of triggers and profiles, the watchdog's bounds. */
#ifndef WBH_CLI_TRIGGERS_H
#define WBH_CLI_TRIGGERS_H

enum { CLI_SECONDS_DEFAULT = 10, CLI_SECONDS_MAX = 3600 };

/* What --trigger takes: the values of programs' option `trigger`, then "all"; NULL-terminated. */
const char *const *cli_trigger_names(void);

/* The trigger that stands for all modes, one after the other, and a comparison of them. */
extern const char cli_trigger_all[];

/* The names of all profiles, NULL-terminated. */
const char *const *cli_profile_names(void);

#endif
