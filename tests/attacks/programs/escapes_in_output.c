/* Prints terminal escapes, XML that is none, GitHub commands, formulas, HTML and bytes that are no
 * UTF-8.
 *
 * @row escapes
 * @fails output exit
 * @says differs in line 1
 */
#include "attack.h"

int main(void)
{
    static const char text[] =
        "\n::error::pwned\n::set-output name=a::b\n##[error]pwned\n\033[2J\033]0;pwned\007\x9b"
        "31m\xc2\x9b"
        "31m\n=cmd|'calc'!A0\n<script>alert(1)</script>]]><!-- "
        "&\n\xff\xfe\x01\x02\x7f\b\b\b\r::error::"
        "pwned\n\xed\xa0\x80\xef\xbf\xbe\xef\xbf\xbf\xe2\x80\xae\n";

    fwrite(text, 1, sizeof text, stdout);
    fwrite(text, 1, sizeof text, stderr);
    return 3;
}
