"""What is wrong with a rule or a policy by itself, and policies that are there to begin with."""
