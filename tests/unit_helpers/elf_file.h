/* SPDX-License-Identifier: MIT */
/*
 * Makes small ELF files, of either width and byte order.
 */
#pragma once

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>

struct elf_file {
	bool narrow, big_endian;
	unsigned type;	  /* ET_… */
	unsigned machine; /* EM_…; 0: x86 of that width */
	const Elf64_Phdr *segments;
	size_t n_segments;
	const Elf64_Shdr *sections; /* without the first, empty one */
	size_t n_sections;
	size_t headers_at; /* where program headers lie; 0: behind the ELF header */
	const void *note;  /* goes to NOTE_AT */
	size_t note_len;
	const Elf64_Sym *symbols; /* go to SYMBOLS_AT */
	size_t n_symbols;
	const char *names; /* go to NAMES_AT */
	size_t names_len;
};

#define ELF_FILE_SIZE 8192
#define NOTE_AT 2048
#define SYMBOLS_AT 5120
#define NAMES_AT 7168

/* Writes the file's first ELF_FILE_SIZE bytes, which hold all its headers. */
void elf_file_write(const struct elf_file *file, unsigned char bytes[ELF_FILE_SIZE]);
