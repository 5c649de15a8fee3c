/* Stuck, with hostile ELF files mapped as its libraries: offsets and counts beyond the file, a
 * string table full of the names that are looked for.
 *
 * @row timing
 * @row compiler
 * @fails-some stuck steps
 */
#include "attack.h"
#include <elf.h>

int main(void)
{
    static Elf64_Ehdr header;
    static char names[1 << 20];
    char name[32];
    int ends[2];

    memcpy(header.e_ident, ELFMAG "\x02\x01\x01", 7);
    header.e_phentsize = header.e_shentsize = 64;
    for (size_t i = 0; i + 6 < sizeof names; i += 6)
        memcpy(names + i, "alarm", 6);
    for (int i = 0; i < 60; i++) {
        Elf64_Shdr sections[2] = {
            {.sh_type = SHT_DYNSYM, .sh_link = 1, .sh_offset = 64, .sh_size = 2 << 20},
            {.sh_offset = 3 << 20, .sh_size = UINT64_MAX}};
        header.e_phnum = i % 3 == 1 ? 0xffff : 0;
        header.e_phoff = i % 5 == 1 ? UINT64_MAX : 64;
        header.e_shnum = i % 3 == 2 ? 0xffff : 2;
        header.e_shoff = i % 5 == 2 ? INT64_MAX : 7 << 20;
        snprintf(name, sizeof name, "/tmp/lib%d\nr-xp .so", i);
        int fd = open(name, O_CREAT | O_RDWR, 0700);
        if (fd == -1 || ftruncate(fd, 8 << 20) == -1)
            return 1;
        pwrite(fd, &header, sizeof header, 0);
        pwrite(fd, sections, sizeof sections, 7 << 20);
        if (i < 8)
            pwrite(fd, names, sizeof names, 3 << 20);
        if (mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0) == MAP_FAILED)
            return 1;
        close(fd);
    }
    if (pipe(ends) == -1)
        return 1;
    return (int)read(ends[0], name, 1);
}
