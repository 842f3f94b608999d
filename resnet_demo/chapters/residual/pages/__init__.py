"""The pages of residual arithmetic."""
