/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * I/O APICs whose interrupts are remapped.
 */
#ifndef NYX_IOAPIC_H
#define NYX_IOAPIC_H

#include <linux/list.h>
#include <linux/types.h>

struct irq_chip;
struct irq_data;
struct irq_domain;
struct nyx_device;
struct nyx_unit;

/**
 * struct nyx_ioapic - an I/O APIC whose interrupts are remapped
 * @node: entry in nyx_ioapics
 * @id: its APIC ID
 * @domain: interrupt domain of its pins
 * @ndev: record that names the source of its interrupts. It is not in nyx_devices
 */
struct nyx_ioapic {
	struct list_head node;
	u8 id;
	struct irq_domain *domain;
	struct nyx_device *ndev;
};

/* All adopted I/O APICs. The mutex of the CPUs' vector domain protects the list. */
extern struct list_head nyx_ioapics;

extern struct irq_chip *nyx_ioapic_chip;

void nyx_ioapic_set_chip(const struct irq_data *data);
struct nyx_device *nyx_ioapic_find(const struct nyx_unit *unit, u32 id);
struct nyx_ioapic *nyx_ioapic_create(struct nyx_unit *unit, u8 id, u16 rid,
				     struct irq_domain *domain);
void nyx_ioapic_free(struct nyx_ioapic *ioapic);

/* Adopting the pins of I/O APICs, pin.c */
void nyx_pins_adopt(void);
const char *nyx_pins_why_direct(const struct irq_domain *domain,
				const struct nyx_unit **unit);
bool nyx_pins_are_adopted(const struct nyx_unit *unit);
void nyx_pins_return(void);
void nyx_pins_leave(struct nyx_unit *unit);
void nyx_pins_enter(struct nyx_unit *unit);

#endif /* NYX_IOAPIC_H */
