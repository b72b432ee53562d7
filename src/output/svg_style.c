/* SPDX-License-Identifier: MIT */
#include "output/svg_style.h"

#include "model/kind.h"

/*
 * Hues as in kinds[]. Lightness and saturation make any two differ for colour-blind people, too: by at
 * least 5 in CIE Lab, as seen without red or green cones.
 */
static const struct {
	const char *light, *dark;
} colours[N_KINDS] = {
	[KIND_TEXT] = { "#a5e89a", "#2a6a1a" },	    /* green */
	[KIND_RODATA] = { "#c8f2f5", "#187489" },   /* cyan */
	[KIND_RELRO] = { "#56c6da", "#10465d" },    /* cyan, underlined */
	[KIND_DATA] = { "#f08fd8", "#9b33ab" },	    /* magenta */
	[KIND_BSS] = { "#b978c0", "#481250" },	    /* magenta, underlined */
	[KIND_HEAP] = { "#e2714a", "#bd3228" },	    /* red */
	[KIND_STACK] = { "#5a97ec", "#1d3a94" },    /* blue */
	[KIND_GUARD] = { "#868d96", "#4d5053" },    /* grey */
	[KIND_ANON] = { "#f6e48a", "#423d16" },	    /* the terminal's default: sand */
	[KIND_JIT] = { "#e35353", "#7d3a34" },	    /* red, reversed */
	[KIND_SHM] = { "#aab8f7", "#2f55cc" },	    /* blue, underlined */
	[KIND_FILE] = { "#b5ad8f", "#33302a" },	    /* the terminal's default: stone */
	[KIND_DEVICE] = { "#dfa53c", "#836534" },   /* brown */
	[KIND_VDSO] = { "#5fd074", "#397651" },	    /* green, underlined */
	[KIND_RESERVED] = { "#cdced0", "#646d73" }, /* grey */
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

/* Paper and readers without media queries get the light colours, too. */
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
	/* The paper sets the width. */
	out_str(out, "}\n@media print{svg{width:100%;height:auto}}\n</style>\n");
}
