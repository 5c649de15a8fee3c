"""The sandboxes that come with the grader; each module is a plugin that offers one."""
