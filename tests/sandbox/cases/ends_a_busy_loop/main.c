/* Waits by looking. */
static volatile int ready;

int main(void)
{
    while (!ready)
        ;
    return 0;
}
