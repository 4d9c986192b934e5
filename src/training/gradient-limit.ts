/**
 * Largest magnitude of a gradient that optimizers can take: the square must fit float32, or a slot becomes infinite and
 * its weight never moves again.
 */
export const GRADIENT_LIMIT = 1e18;
