// SPDX-License-Identifier: GPL-2.0-only
/*
 * Diagnostics only: the units that are looked at, and the notes on them and on
 * the firmware table. Both lists are filled while the module is loaded.
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/errno.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/sprintf.h>
#include <linux/stdarg.h>

#include <nyx/diagnose.h>
#include <nyx/remedy.h>
#include <nyx/window.h>

#include "firmware/fw_table.h"

LIST_HEAD(nyx_diag_units);
LIST_HEAD(nyx_diag_notes);

/* Takes over @text, which may be NULL: then only the log has the note. */
static void nyx_diag_keep(char *text)
{
	struct nyx_diag_note *note = kzalloc(sizeof(*note), GFP_KERNEL);

	if (!note || !text) {
		kfree(note);
		kfree(text);
		return;
	}
	note->text = text;
	list_add_tail(&note->node, &nyx_diag_notes);
}

/**
 * nyx_diag_note() - note something for the log and for debugfs
 * @format: format of one line without a newline, as for printf()
 *
 * Context: May sleep; debugfs does not show the notes yet.
 */
void nyx_diag_note(const char *format, ...)
{
	char *text;
	va_list args;

	va_start(args, format);
	text = kvasprintf(GFP_KERNEL, format, args);
	va_end(args);
	pr_notice("%s\n", text ?: "no memory for a note");
	nyx_diag_keep(text);
}

/**
 * nyx_diag_fw_note() - note a finding in a firmware table, as nyx_fw_report
 * @note: the finding
 * @arg: not used
 *
 * Context: May sleep; debugfs does not show the notes yet.
 */
void nyx_diag_fw_note(const struct nyx_fw_note *note, void *arg)
{
	char line[160];

	nyx_fw_print(note, arg);
	nyx_fw_note_text(note, line, sizeof(line));
	nyx_diag_keep(kstrdup(line, GFP_KERNEL));
}

/**
 * nyx_diag_open() - map the registers of a unit, to be read only
 * @unit: the unit; its name and physical address are set, and its registers
 *	are not mapped
 * @size: size of the window in bytes
 *
 * The registers are not claimed, so this also works while another driver uses
 * the unit.
 *
 * Context: May sleep.
 * Return: 0; nyx_diag_close() undoes it. -ENOMEM after a log line.
 */
int nyx_diag_open(struct nyx_diag_unit *unit, size_t size)
{
	unit->regs = nyx_window_look(unit->phys, size);
	if (unit->regs)
		return 0;
	pr_err("%s: cannot map registers at %pa: " NYX_REMEDY_MEMORY "\n",
	       unit->name, &unit->phys);
	return -ENOMEM;
}

/**
 * nyx_diag_close() - undo nyx_diag_open()
 * @unit: the unit
 *
 * Context: May sleep.
 */
void nyx_diag_close(struct nyx_diag_unit *unit)
{
	nyx_window_look_away(unit->regs);
	unit->regs = NULL;
}

/**
 * nyx_diag_add() - add a unit to nyx_diag_units
 * @unit: the unit, set up completely
 * @size: size of its window in bytes
 *
 * Notes what the module would do with the unit if it were to drive it.
 *
 * Context: May sleep.
 */
void nyx_diag_add(struct nyx_diag_unit *unit, size_t size)
{
	struct nyx_diag_state state;

	list_add_tail(&unit->node, &nyx_diag_units);
	pr_info("%s: at %pa, only looked at\n", unit->name, &unit->phys);
	unit->ops->read_state(unit, &state);
	if (nyx_window_is_claimed(unit->phys, size))
		nyx_diag_note(NYX_DIAG_OFF, unit->name,
			      "another driver claimed its registers");
	else if (state.translation || state.intr || state.queue)
		nyx_diag_note(NYX_DIAG_ENABLED, unit->name);
}

/**
 * nyx_diag_release() - free all units and notes
 *
 * Context: May sleep; debugfs does not show them any more.
 */
void nyx_diag_release(void)
{
	struct nyx_diag_note *note, *next_note;
	struct nyx_diag_unit *unit, *next_unit;

	list_for_each_entry_safe(unit, next_unit, &nyx_diag_units, node) {
		list_del(&unit->node);
		nyx_diag_close(unit);
		/* The first member of what the vendor allocated. */
		kfree(unit);
	}
	list_for_each_entry_safe(note, next_note, &nyx_diag_notes, node) {
		list_del(&note->node);
		kfree(note->text);
		kfree(note);
	}
}
