/* Write the sum into a FIFO. */
int main(void)
{
    return 0;
}
