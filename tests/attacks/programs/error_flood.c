/* A million errors, each with a long line.
 *
 * @row compiler
 * @fails build
 */
#define B0                                                                                         \
    int int;                                                                                       \
    int int;                                                                                       \
    int int;                                                                                       \
    int int;                                                                                       \
    int int;                                                                                       \
    int int;                                                                                       \
    int int;                                                                                       \
    int int;                                                                                       \
    int int;                                                                                       \
    int int;
#define B1 B0 B0 B0 B0 B0 B0 B0 B0 B0 B0
#define B2 B1 B1 B1 B1 B1 B1 B1 B1 B1 B1
#define B3 B2 B2 B2 B2 B2 B2 B2 B2 B2 B2
B3

    int
    main(void)
{
    return 0;
}
