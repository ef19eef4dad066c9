/* SPDX-License-Identifier: GPL-2.0-only */
/* The commands. Each gets its own name and arguments, and returns an exit code. */
#ifndef NYXCTL_COMMANDS_H
#define NYXCTL_COMMANDS_H

int cmd_status(int argc, char **argv);
int cmd_check(int argc, char **argv);
int cmd_doctor(int argc, char **argv);
int cmd_firmware(int argc, char **argv);
int cmd_show(int argc, char **argv);
int cmd_faults(int argc, char **argv);
int cmd_explain(int argc, char **argv);
int cmd_top(int argc, char **argv);
int cmd_export(int argc, char **argv);
int cmd_assign(int argc, char **argv);
int cmd_release(int argc, char **argv);
int cmd_list(int argc, char **argv);
int cmd_disable(int argc, char **argv);
int cmd_reset(int argc, char **argv);
int cmd_policy(int argc, char **argv);
int cmd_forensics(int argc, char **argv);
int cmd_snapshot(int argc, char **argv);
int cmd_report(int argc, char **argv);

#endif
