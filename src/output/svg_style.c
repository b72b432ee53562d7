/* SPDX-License-Identifier: MIT */
#include "output/svg_style.h"

#include "model/kind.h"

/* Hues as in kinds[]; of two kinds of one hue, the one that tables underline is the darker. */
static const struct {
	const char *light, *dark;
} colours[N_KINDS] = {
	[KIND_TEXT] = { "#a3d890", "#2f6b2a" },	    /* green */
	[KIND_RODATA] = { "#aee4ea", "#17646e" },   /* cyan */
	[KIND_RELRO] = { "#62bccb", "#0e4750" },    /* the same, underlined */
	[KIND_DATA] = { "#ecc3f0", "#80408c" },	    /* magenta */
	[KIND_BSS] = { "#d193da", "#54245f" },	    /* the same, underlined */
	[KIND_HEAP] = { "#f6a08c", "#9e3524" },	    /* red */
	[KIND_STACK] = { "#85abf5", "#2c55b0" },    /* blue */
	[KIND_GUARD] = { "#8f9498", "#5a5f64" },    /* grey */
	[KIND_ANON] = { "#f3e3c0", "#5d5030" },	    /* that of the terminal's text: sand */
	[KIND_JIT] = { "#ee6a52", "#c03020" },	    /* red, reversed */
	[KIND_SHM] = { "#c4d5fb", "#213c78" },	    /* blue, underlined */
	[KIND_FILE] = { "#dcd8cf", "#4b4841" },	    /* that of the terminal's text: stone */
	[KIND_DEVICE] = { "#d6b066", "#775510" },   /* brown */
	[KIND_VDSO] = { "#6fb873", "#1d4d23" },	    /* green, underlined */
	[KIND_RESERVED] = { "#c9cdd1", "#363a3e" }, /* grey */
};

static void put_kinds(struct out *out, bool is_dark)
{
	for (enum kind k = 0; k < N_KINDS; k++) {
		out_str(out, ".k-");
		out_str(out, kinds[k].name);
		out_str(out, "{fill:");
		out_str(out, is_dark ? colours[k].dark : colours[k].light);
		out_str(out, "}\n");
	}
}

/* Light is also what paper and readers without media queries have. */
void svg_put_style(struct out *out)
{
	out_str(out, "<style>\n"
		     "text{font-family:sans-serif;font-size:12px;fill:#14171a}\n"
		     ".title{font-size:20px;font-weight:bold}\n"
		     ".heading{font-size:15px;font-weight:bold}\n"
		     ".address{font-family:monospace;font-size:11px;text-anchor:end}\n"
		     ".muted,.address{fill:#55595e}\n"
		     ".right{text-anchor:end}\n"
		     ".strong{font-weight:bold}\n"
		     ".page{fill:#fff}\n"
		     ".box{stroke:#fff;stroke-width:1}\n"
		     ".all{fill:#e9ecef}\n"
		     ".gap{fill:none;stroke:#8b9096;stroke-dasharray:3 3}\n"
		     ".track{fill:#d9dde1}\n"
		     ".resident{fill:#2b2f33}\n"
		     ".grown{fill:#c2500c}\n"
		     ".shrunk{fill:#1d6fb8}\n");
	put_kinds(out, false);
	out_str(out, "@media screen and (prefers-color-scheme:dark){\n"
		     "text{fill:#f0f2f4}\n"
		     ".muted,.address{fill:#aab0b6}\n"
		     ".page{fill:#15181b}\n"
		     ".box{stroke:#15181b}\n"
		     ".all{fill:#34383c}\n"
		     ".gap{stroke:#7d838a}\n"
		     ".track{fill:#3a3f44}\n"
		     ".resident{fill:#dfe3e7}\n"
		     ".grown{fill:#f0905a}\n"
		     ".shrunk{fill:#62aef2}\n");
	put_kinds(out, true);
	/* Paper has a width of its own. */
	out_str(out, "}\n@media print{svg{width:100%;height:auto}}\n</style>\n");
}
