/* Only files whose names are escape sequences, commands, formulas and bytes that are no UTF-8.
 *
 * @row escapes
 * @row hostile-files
 * @points 7
 * @fails no-leftover-files
 * @says left behind: file
 */
#include "attack.h"

int main(int argc, char *argv[])
{
    static const char *const names[] = {"\n::error::pwned",
                                        "\033[2J\033]0;pwned\007",
                                        "\xff\xfe\x80",
                                        "\xc2\x9b"
                                        "31m",
                                        "=cmd|'calc'!A0",
                                        "]]><script>&",
                                        "\r\x01\x7f"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        close(open(names[i], O_CREAT | O_WRONLY, 0600));
    return answer(argc, argv);
}
