"""常用语: sentences that a desk says again and again, with gaps that the case fills."""
