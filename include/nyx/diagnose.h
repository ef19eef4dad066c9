/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Diagnostics only: units that are looked at and never driven.
 *
 * Such a unit is no struct nyx_unit, so nothing can start, enable or invalidate
 * it. Its register window is const, so the compiler reports each write to it.
 */
#ifndef NYX_DIAGNOSE_H
#define NYX_DIAGNOSE_H

#include <linux/compiler_types.h>
#include <linux/list.h>
#include <linux/types.h>

#include <nyx/unit.h>

struct nyx_diag_unit;
struct nyx_fault;
struct nyx_fw_note;
struct seq_file;

/**
 * struct nyx_diag_state - what a unit does, as another driver programmed it
 * @responds: the registers do not read as all ones; otherwise nothing else is
 *	valid
 * @translation: translation is enabled
 * @intr: interrupt remapping is enabled
 * @has_intr: @intr is valid: one register decides it for the whole unit
 * @queue: the command queue is enabled
 * @overflow: the fault log was full, so the unit dropped faults
 */
struct nyx_diag_state {
	bool responds;
	bool translation;
	bool intr;
	bool has_intr;
	bool queue;
	bool overflow;
};

/*
 * Called for each pending fault. Returns false to get no more of them.
 */
typedef bool (*nyx_diag_found)(const struct nyx_diag_unit *unit,
			       const struct nyx_fault *fault, void *arg);

/**
 * struct nyx_diag_ops - how a vendor reads a unit
 *
 * None of these changes the unit or its memory. All may sleep.
 */
struct nyx_diag_ops {
	/** @read_state: read what the unit does. */
	void (*read_state)(const struct nyx_diag_unit *unit,
			   struct nyx_diag_state *state);

	/**
	 * @read_faults: decode each pending fault, the oldest first, and pass
	 * it to @found. All of them stay pending.
	 */
	void (*read_faults)(const struct nyx_diag_unit *unit,
			    nyx_diag_found found, void *arg);

	/** @show_registers: as nyx_unit_ops.show_registers. */
	void (*show_registers)(const struct nyx_diag_unit *unit,
			       struct seq_file *m);

	/** @show_capabilities: as nyx_unit_ops.show_capabilities. */
	void (*show_capabilities)(const struct nyx_diag_unit *unit,
				  struct seq_file *m);
};

/**
 * struct nyx_diag_unit - one unit; the first member of the vendor's struct
 * @node: entry in nyx_diag_units
 * @ops: operations of the vendor
 * @name: the name that the unit has when it is driven
 * @segment: PCI segment that it serves
 * @phys: physical address of its registers
 * @regs: its registers
 * @supported: the module could drive such a unit; @caps is valid
 * @caps: its capabilities
 */
struct nyx_diag_unit {
	struct list_head node;
	const struct nyx_diag_ops *ops;
	char name[16];
	u16 segment;
	phys_addr_t phys;
	const void __iomem *regs;
	bool supported;
	struct nyx_unit_caps caps;
};

/**
 * struct nyx_diag_note - something that the user should know
 * @node: entry in nyx_diag_notes
 * @text: one line without a newline
 */
struct nyx_diag_note {
	struct list_head node;
	char *text;
};

/* Both lists are constant while debugfs shows them. */
extern struct list_head nyx_diag_units;
extern struct list_head nyx_diag_notes;

__printf(1, 2) void nyx_diag_note(const char *format, ...);
void nyx_diag_fw_note(const struct nyx_fw_note *note, void *arg);
int nyx_diag_open(struct nyx_diag_unit *unit, size_t size);
void nyx_diag_close(struct nyx_diag_unit *unit);
void nyx_diag_add(struct nyx_diag_unit *unit, size_t size);
void nyx_diag_release(void);

/* What would happen to a machine or a unit without diagnose=1. */
#define NYX_DIAG_REFUSED "%s: without diagnose=1 the module refuses to load"
#define NYX_DIAG_OFF "%s: %s: without diagnose=1 the unit stays off"
#define NYX_DIAG_ENABLED \
	"%s: is enabled already: without diagnose=1 it is taken over if its tables translate each address to itself"

/* What is true of all units, in the log and as lines of summary. */
#define NYX_DIAG_TABLES "remapping tables not programmed by this module"
#define NYX_DIAG_INVALIDATION "invalidation and IOTLB not installed"
#define NYX_DIAG_DMA "DMA not translated by this module"
#define NYX_DIAG_LABELS \
	NYX_DIAG_TABLES ", " NYX_DIAG_INVALIDATION ", " NYX_DIAG_DMA

/* The last line of capabilities. */
#define NYX_DIAG_INTR "not remapped by this module"

#endif /* NYX_DIAGNOSE_H */
