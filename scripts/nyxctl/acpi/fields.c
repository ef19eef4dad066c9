// SPDX-License-Identifier: GPL-2.0-only
/* Values of a firmware table as JSON. Addresses and DeviceIDs are strings. */
#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>

#include <linux/pci.h>

#include "acpi.h"
#include "base/output.h"
#include "nyxctl.h"

/**
 * json_text() - format a text as JSON
 * @format: the text and its arguments, as for printf()
 *
 * Return: a JSON string, with a question mark for each control character, which could change
 *	the state of a terminal.
 */
json_t *json_text(const char *format, ...)
{
	va_list args;
	json_t *json;
	char *text, *c;

	va_start(args, format);
	text = format_text(format, args);
	va_end(args);
	for (c = text; *c; c++)
		if (iscntrl((unsigned char)*c))
			*c = '?';
	json = text_json(text);
	free(text);
	return json;
}

/**
 * json_hex() - write a number in hexadecimal
 * @value: the number
 * @digits: least number of digits
 *
 * Return: a JSON string that starts with 0x.
 */
json_t *json_hex(unsigned long long value, int digits)
{
	return json_text("0x%0*llx", digits, value);
}

/**
 * json_letters() - read a text of fixed size
 * @text: its bytes; zeroes and blanks at the end are padding
 * @size: number of bytes
 *
 * Return: a JSON string, with a question mark for each byte that is no character of ASCII.
 */
json_t *json_letters(const u8 *text, size_t size)
{
	char *copy = must(calloc(1, size + 1));
	json_t *json;
	size_t i;

	while (size && (!text[size - 1] || text[size - 1] == ' '))
		size--;
	for (i = 0; i < size; i++)
		copy[i] = text[i] < 0x7f && isprint(text[i]) ? text[i] : '?';
	json = must(json_string(copy));
	free(copy);
	return json;
}

/**
 * json_requester() - write a requester ID
 * @id: the ID: a source-id or a DeviceID
 *
 * Return: a JSON string with bus, device and function.
 */
json_t *json_requester(u16 id)
{
	return json_text("%02x:%02x.%x", id >> 8, PCI_SLOT(id & 0xff), PCI_FUNC(id));
}

/**
 * json_flags() - name the flags that are set
 * @value: the flags
 * @names: their names, from bit 0 on; NULL for a reserved bit
 * @count: number of names
 *
 * Return: a JSON array of names; a reserved bit is named by its number.
 */
json_t *json_flags(unsigned int value, const char * const *names, size_t count)
{
	json_t *list = must(json_array());
	unsigned int bit;

	for (bit = 0; value >> bit; bit++) {
		if (!(value >> bit & 1))
			continue;
		json_array_append_new(list, bit < count && names[bit] ?
				      json_text("%s", names[bit]) :
				      json_text("reserved bit %u", bit));
	}
	return list;
}

/**
 * put_hex() - add a hexadecimal number to an object
 * @object: the object
 * @key: name of the member
 * @value: the number
 * @digits: least number of digits
 */
void put_hex(json_t *object, const char *key, unsigned long long value, int digits)
{
	json_object_set_new(object, key, json_hex(value, digits));
}

/**
 * put_segment() - add the number of a PCI segment to an object
 * @object: the object
 * @segment: the number
 */
void put_segment(json_t *object, u16 segment)
{
	json_object_set_new(object, "segment", json_text("%04x", segment));
}

/**
 * put_number() - add a number to an object
 * @object: the object
 * @key: name of the member
 * @value: the number
 */
void put_number(json_t *object, const char *key, long long value)
{
	json_object_set_new(object, key, must(json_integer(value)));
}
