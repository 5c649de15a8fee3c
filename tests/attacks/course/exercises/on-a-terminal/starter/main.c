/* Print the sum of the two arguments. */
int main(void)
{
    return 0;
}
