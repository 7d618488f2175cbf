"""What people and servers reach by HTTP."""
