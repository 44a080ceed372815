"""What is found out about arrays: what they amount to, what changed, what units do, where a number is."""
