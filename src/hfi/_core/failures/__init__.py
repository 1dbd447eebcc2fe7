"""What went wrong, said in the words of the error tree; and whether to try again."""
