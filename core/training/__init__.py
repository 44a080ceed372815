"""Every setting of a training, checked: optimizers, schedules, metrics and their options."""
