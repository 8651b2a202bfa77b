"""What people do in the pretend workspace: click, fill in, type and drop."""
