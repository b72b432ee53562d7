/* SPDX-License-Identifier: MIT */
#include "output/svg.h"

#include "base/text.h"
#include "output/xml.h"

static int64_t hundredths_of(double length)
{
	return (int64_t)(length * 100 + (length < 0 ? -0.5 : 0.5));
}

double svg_round(double length)
{
	return (double)hundredths_of(length) / 100;
}

static void put_length(struct out *out, double length)
{
	int64_t hundredths = hundredths_of(length);
	uint64_t rest;

	if (hundredths < 0)
		out_char(out, '-');
	hundredths = hundredths < 0 ? -hundredths : hundredths;
	out_dec(out, (uint64_t)hundredths / 100);
	rest = (uint64_t)hundredths % 100;
	if (rest == 0)
		return;
	out_char(out, '.');
	out_char(out, (char)('0' + rest / 10));
	if (rest % 10 > 0)
		out_char(out, (char)('0' + rest % 10));
}

static void put_attribute(struct out *out, const char *name, double length)
{
	out_char(out, ' ');
	out_str(out, name);
	out_str(out, "=\"");
	put_length(out, length);
	out_char(out, '"');
}

static void put_class(struct out *out, const char *classes)
{
	out_str(out, " class=\"");
	out_str(out, classes);
	out_char(out, '"');
}

void svg_rect(struct out *out, const char *classes, const struct svg_box *box)
{
	out_str(out, "<rect");
	put_class(out, classes);
	put_attribute(out, "x", box->x);
	put_attribute(out, "y", box->y);
	put_attribute(out, "width", box->width);
	put_attribute(out, "height", box->height);
	out_str(out, "/>");
}

/* ---- text ---- */

#define FEWEST_CHARACTERS 3
#define MARK "\xe2\x80\xa6" /* an ellipsis */
#define MARK_WIDTH 1.0

/* In units of the font size. Rather too wide: as in DejaVu Sans, which is wider than most fonts. */
static double character_width(uint32_t c)
{
	static const char narrow[] = " !'(),-./:;I[]fijlrt|";
	static const char wide[] = "%@MWmw";

	if (c >= 0x1100)
		return 1.05;
	if (c < 0x80 && strchr(narrow, (int)c))
		return 0.42;
	if (c < 0x80 && strchr(wide, (int)c))
		return 1.0;
	return c >= 'A' && c <= 'Z' ? 0.72 : 0.65;
}

/* How many bytes at the start fit into `width`. */
static size_t fitting(const char *text, size_t len, double width, size_t *ret_characters)
{
	size_t i = 0;
	size_t n;

	*ret_characters = 0;
	for (; i < len; i += n) {
		uint32_t c = 0xfffd;

		n = text_decode(text + i, len - i, &c);
		n = n > 0 ? n : 1;
		width -= character_width(c);
		if (width < 0)
			break;
		++*ret_characters;
	}
	return i;
}

double svg_text_width(const char *text, size_t len, double size)
{
	double width = 0;
	size_t n;

	for (size_t i = 0; i < len; i += n) {
		uint32_t c = 0xfffd;

		n = text_decode(text + i, len - i, &c);
		n = n > 0 ? n : 1;
		width += character_width(c);
	}
	return width * size;
}

void svg_text(struct out *out, const char *classes, double x, double y, double width, double size,
	      const char *text, size_t len)
{
	size_t n_characters;
	size_t n = fitting(text, len, width / size, &n_characters);
	bool is_cut = n < len;

	if (len == 0)
		return;
	if (is_cut) {
		n = fitting(text, len, width / size - MARK_WIDTH, &n_characters);
		if (n_characters < FEWEST_CHARACTERS)
			return;
	}
	out_str(out, "<text aria-hidden=\"true\"");
	put_class(out, classes);
	put_attribute(out, "x", x);
	put_attribute(out, "y", y);
	out_char(out, '>');
	xml_text(out, text, n);
	out_str(out, is_cut ? MARK "</text>" : "</text>");
}

/* ---- for screen readers ---- */

void svg_open_item(struct out *out)
{
	out_str(out, "<g role=\"listitem\"><title>");
}

void svg_begin_shapes(struct out *out)
{
	out_str(out, "</title>");
}

void svg_close_item(struct out *out)
{
	out_str(out, "</g>\n");
}

void svg_open_list(struct out *out, const char *name)
{
	out_str(out, "<g role=\"list\" aria-label=\"");
	xml_text(out, name, strlen(name));
	out_str(out, "\">\n");
}

void svg_close_list(struct out *out)
{
	out_str(out, "</g>\n");
}

void svg_hex(struct out *out, uint64_t address)
{
	char buf[DIGITS_HEX_MAX];

	out_write(out, buf, digits_format_hex(buf, address));
}

void svg_size(struct out *out, uint64_t bytes)
{
	char buf[OUT_SHORT];

	out_write(out, buf, text_size(buf, bytes));
}

void svg_exact_size(struct out *out, uint64_t bytes)
{
	svg_size(out, bytes);
	out_str(out, " (");
	out_dec(out, bytes);
	out_str(out, bytes == 1 ? " byte)" : " bytes)");
}
