/* SPDX-License-Identifier: MIT */
/*
 * The functions of elfutils' libdw that memmap uses. The library is loaded when first needed:
 * linking it would make every run take half as long again. The libelf functions here are those of
 * libdw's own libelf: memmap may be linked with a different one, and the handles are passed between
 * libdw and libelf.
 */
#pragma once

#include <dwarf.h>
#include <elfutils/libdwelf.h>
#include <elfutils/libdwfl.h>
#include <gelf.h>

#define LIBDW_FUNCTIONS(F)               \
	F(dwarf_attr_integrate)          \
	F(dwarf_begin_elf)               \
	F(dwarf_cfi_addrframe)           \
	F(dwarf_cu_info)                 \
	F(dwarf_diename)                 \
	F(dwarf_end)                     \
	F(dwarf_filesrc)                 \
	F(dwarf_formstring)              \
	F(dwarf_formudata)               \
	F(dwarf_getscopes)               \
	F(dwarf_getscopes_die)           \
	F(dwarf_getsrc_die)              \
	F(dwarf_getsrcfiles)             \
	F(dwarf_haspc)                   \
	F(dwarf_lineno)                  \
	F(dwarf_linesrc)                 \
	F(dwarf_setalt)                  \
	F(dwarf_tag)                     \
	F(dwelf_dwarf_gnu_debugaltlink)  \
	F(dwfl_addrmodule)               \
	F(dwfl_attach_state)             \
	F(dwfl_begin)                    \
	F(dwfl_end)                      \
	F(dwfl_errmsg)                   \
	F(dwfl_frame_pc)                 \
	F(dwfl_frame_reg)                \
	F(dwfl_getthread_frames)         \
	F(dwfl_module_addrdie)           \
	F(dwfl_module_dwarf_cfi)         \
	F(dwfl_module_eh_cfi)            \
	F(dwfl_module_getdwarf)          \
	F(dwfl_module_info)              \
	F(dwfl_module_nextcu)            \
	F(dwfl_report_begin)             \
	F(dwfl_report_end)               \
	F(dwfl_report_module)            \
	F(dwfl_thread_state_register_pc) \
	F(dwfl_thread_state_registers)   \
	F(elf_begin)                     \
	F(elf_compress)                  \
	F(elf_compress_gnu)              \
	F(elf_end)                       \
	F(elf_getdata)                   \
	F(elf_getshdrstrndx)             \
	F(elf_memory)                    \
	F(elf_nextscn)                   \
	F(elf_strptr)                    \
	F(elf_version)                   \
	F(gelf_getehdr)                  \
	F(gelf_getshdr)

#define LIBDW_MEMBER(function) __typeof__(&function) function;

struct libdw {
	LIBDW_FUNCTIONS(LIBDW_MEMBER)
};

#define LIBDW_SONAME "libdw.so.1"

/* NULL when it is not installed, or is older than 0.188. */
const struct libdw *libdw_load(void);
