/* Bytes that are no UTF-8, a NUL, a surrogate, an escape sequence. */
#include <stdio.h>

int main(void)
{
    static const char bytes[] = "\xff\xc3(\0\xed\xa0\x80\x1b]0;title\a\x1b[2J]]>\n";

    return fwrite(bytes, 1, sizeof bytes - 1, stdout) != sizeof bytes - 1;
}
